namespace WhiteCross.Gateway;

/// <summary>Adds to the audit log what changes have put on record themselves and nobody has added since: whoever made them has died, or did not get their answer.</summary>
internal sealed partial class AuditCollector(IAuditLog log, TimeProvider time, ILogger<AuditCollector> logger) : StorePeriodicService(TimeSpan.FromSeconds(15), time)
{
    protected override Task RunAsync(CancellationToken cancellationToken) => log.CollectAsync(cancellationToken);

    protected override void Failed(string what, Exception exception) => LogFailed(exception);

    [LoggerMessage(LogLevel.Warning, "What changes have put on record for the audit log could not be added to it; it is tried again until it can be")]
    private partial void LogFailed(Exception exception);
}
