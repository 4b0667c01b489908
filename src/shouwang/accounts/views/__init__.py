"""Pages of accounts: signing in and out, one's own account, users and posts, the working days."""
