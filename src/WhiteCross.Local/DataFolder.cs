using System.Globalization;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.Local;

/// <summary>The folder of the services' databases and files, held by one run at a time: two on one would write each other's files.</summary>
internal sealed class DataFolder : IDisposable
{
    private const string LockFile = "run.lock";

    // A locked file cannot be read by others, so who holds the lock stands beside it.
    private const string OwnerFile = "run.txt";

    private readonly FileStream _lock;

    private DataFolder(FileStream held) => _lock = held;

    /// <summary>Takes the folder.</summary>
    /// <exception cref="LocalStartException">It cannot be written to, or another run has it.</exception>
    public static DataFolder Take(string directory, Uri gateway)
    {
        if (!WritableDirectory.TryCreate(directory))
        {
            throw new LocalStartException($"The directory '{directory}' cannot be written to; name another one with --data.");
        }

        var owner = Path.Combine(directory, OwnerFile);
        FileStream held;
        try
        {
            held = new FileStream(Path.Combine(directory, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception)
        {
            var who = File.Exists(owner) ? $" ({File.ReadAllText(owner)})" : string.Empty;
            throw new LocalStartException($"The data folder '{directory}' is in use by another run{who}. Stop that one, or give this one its own with --data.", exception);
        }

        File.WriteAllText(owner, string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId}, {gateway.ToString().TrimEnd('/')}"));
        return new DataFolder(held);
    }

    public void Dispose() => _lock.Dispose();
}
