"""What happens next. Rules meet the outside here, through ports only."""
