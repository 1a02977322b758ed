"""The provable record: a chain of hashes over every decision, refusal and change of a case."""
