"""`scantop doctor`: looks at this machine and at each server step by step, and says how to mend what is wrong."""
