"""What ``check`` looks at, in the order in which a newcomer must mend things."""
