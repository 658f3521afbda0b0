"""What a machine may lack, and tests need: the reasons that tests are skipped for, which the summary counts."""

LACKS = {  # what is wanting, in words
    "browser": "no browser",
    "gpu": "no GPU",
    "pygraphviz": "no pygraphviz",
    "nvrtc": "no compiler for CUDA",
    "compiler": "no C++ compiler",
}
