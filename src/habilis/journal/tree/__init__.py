"""The pure floor of the journal: hashes, proofs, tiles, signed notes. Neither Django nor `common` is known here."""
