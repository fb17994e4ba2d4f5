"""The anchor of imports and exports: parse the files with lxml and do nothing with what is read."""

import sys

from lxml import etree

fiches = 0
for path in sys.argv[1:]:
    for _, element in etree.iterparse(path, tag="FICHE", huge_tree=True):
        fiches += 1
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]
print(fiches)
