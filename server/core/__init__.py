"""What every other package uses: errors, time, tasks, paths, settings, HTTP to other hosts."""
