using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Running;

/// <summary>
/// The pauses between tries of a store that is in trouble. Short enough that a worker is back within the moment that the store grants after an outage
/// before it takes runs for stalled.
/// </summary>
internal static class StorePause
{
    private const double First = 50;
    private const double Longest = 500;

    /// <summary>Whether the store is away, which passes, rather than refusing what it was asked.</summary>
    public static bool IsOutage(Exception exception) => exception is JobStoreUnavailableException or OperationCanceledException;

    /// <param name="failures">How often it has failed so far, from 1.</param>
    public static TimeSpan After(int failures) => TimeSpan.FromMilliseconds(Math.Min(Longest, First * Math.Pow(2, Math.Min(failures, 10) - 1)));
}
