"""Reads of the journal: state of the tree, published files, proofs, verification."""
