"""What every page needs: templates, sessions of the database, security headers, error pages."""
