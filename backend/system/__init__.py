"""How the installation is doing: jobs, mail, storage, versions, and whether the counts add up."""
