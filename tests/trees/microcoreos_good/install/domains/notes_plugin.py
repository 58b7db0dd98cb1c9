not = python
