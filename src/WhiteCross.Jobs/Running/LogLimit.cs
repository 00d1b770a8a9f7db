namespace WhiteCross.Jobs.Running;

/// <summary>Keeps a trouble that comes back several times a second from filling the log: one line in ten seconds says it.</summary>
internal sealed class LogLimit(TimeProvider time)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private long? _lastLine;

    /// <summary>Whether a line may be written now.</summary>
    public bool Allows()
    {
        lock (_lock)
        {
            if (_lastLine is { } last && time.GetElapsedTime(last) < Every)
            {
                return false;
            }

            _lastLine = time.GetTimestamp();
            return true;
        }
    }
}
