"""What the end-to-end tests share: workspaces of misbehaving services, and looks at the machine from outside."""
