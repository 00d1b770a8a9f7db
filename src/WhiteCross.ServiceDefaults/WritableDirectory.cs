namespace WhiteCross.ServiceDefaults;

/// <summary>Directories that settings name: looked at when a service starts, so that a wrong one is told then and not by the first file that is lost.</summary>
public static class WritableDirectory
{
    /// <summary>Makes a directory where there is none, for the service's own user, and tries whether files can be written to it.</summary>
    /// <param name="path">The directory.</param>
    /// <returns>Whether they can.</returns>
    public static bool TryCreate(string path)
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(path);
            }
            else
            {
                Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            using var probe = new FileStream(Path.Combine(path, $".{Guid.NewGuid():N}"), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return false;
        }
    }
}
