"""The memory. SQLAlchemy tables and the few questions that are asked of them."""
