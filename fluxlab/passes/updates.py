def updates(graph, optimizer): raise NotImplementedError
