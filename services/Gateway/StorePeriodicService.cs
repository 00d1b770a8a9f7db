using WhiteCross.Jobs.Store;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.Gateway;

/// <summary>Periodic work on the job store, or beside it. That Redis is away is told once for all of them, by the connection's own log.</summary>
internal abstract class StorePeriodicService(TimeSpan period, TimeProvider time) : PeriodicService(period, time)
{
    protected sealed override bool IsToldElsewhere(Exception exception) => IsAway(exception);

    // What does several things at once fails with all of them.
    private static bool IsAway(Exception exception) =>
        exception is JobStoreUnavailableException { IsFull: false } || (exception is AggregateException { InnerExceptions.Count: > 0 } many && many.InnerExceptions.All(IsAway));
}
