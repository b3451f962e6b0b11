"""What a screenshot proves. Pure judgement over a reading of a picture."""
