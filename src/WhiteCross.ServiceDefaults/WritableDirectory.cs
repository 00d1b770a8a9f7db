namespace WhiteCross.ServiceDefaults;

/// <summary>Directories that settings name: looked at when a service starts, so that a wrong one is told then and not by the first file that is lost.</summary>
public static class WritableDirectory
{
    private const UnixFileMode OwnFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Creates or overwrites a file that the service's own user alone may read, also in a directory that others may look into.</summary>
    /// <param name="path">The file.</param>
    public static FileStream CreateFile(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 64 * 1024, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnFile;
        }

        return new FileStream(path, options);
    }

    /// <summary>Makes a file the service's own user's alone, as far as it may say so; where there is none, an empty one.</summary>
    /// <param name="path">The file.</param>
    public static void KeepToOwner(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using (new FileStream(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite, UnixCreateMode = OwnFile }))
        {
            // There is one now.
        }

        try
        {
            File.SetUnixFileMode(path, OwnFile);
        }
        catch (UnauthorizedAccessException)
        {
            // It is another user's, who has said who may read it.
        }
    }

    /// <summary>Makes a directory where there is none, for the service's own user, and tries whether files can be written to it.</summary>
    /// <param name="path">The directory.</param>
    /// <returns>Whether they can.</returns>
    public static bool TryCreate(string path)
    {
        try
        {
            Create(path);
            using var probe = new FileStream(Path.Combine(path, $".{Guid.NewGuid():N}"), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return false;
        }
    }

    /// <summary>Makes a directory where there is none, for the service's own user.</summary>
    /// <param name="path">The directory.</param>
    public static void Create(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnFile | UnixFileMode.UserExecute);
        }
    }
}
