using System.Threading.Channels;
using WhiteCross.Jobs.Store;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.Gateway;

/// <summary>
/// Writes the audit log, and sends each entry on as a structured log, so that it outlives Redis. What has been done is on record before it is answered; refusals and added jobs, which
/// are many, follow within a moment, many in one call.
/// </summary>
internal sealed partial class AuditWriter(IAuditLog log, TimeProvider time, ILogger<AuditWriter> logger) : BackgroundService, IRefusalWitness
{
    private const int MostWaiting = 10_000;
    private const int MostAtOnce = 200;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Channel<AuditEntry> _later = Channel.CreateBounded<AuditEntry>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private long _lost;

    /// <summary>Puts on record what has been done. It has happened: where Redis does not take it now, it is tried again until it does.</summary>
    public async Task WriteAsync(AuditEntry entry)
    {
        Tell(entry);
        try
        {
            await log.AddAsync(entry, CancellationToken.None);
        }
        catch (JobStoreUnavailableException)
        {
            Keep(entry);
        }
    }

    /// <summary>Puts an entry on record within a moment.</summary>
    public void WriteSoon(AuditEntry entry)
    {
        Tell(entry);
        Keep(entry);
    }

    public void Refused(HttpContext context)
    {
        var route = context.Request.RouteValues;
        WriteSoon(new AuditEntry(
            time.GetUtcNow(),
            Caller.NameOf(context),
            context.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? context.GetEndpoint()?.DisplayName ?? "unknown",
            route["queue"] as string,
            route["id"] as string,
            From: Caller.AddressOf(context),
            Outcome: $"refused {context.Response.StatusCode}"));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await _later.Reader.WaitToReadAsync(stoppingToken))
            {
                await WriteWaitingAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What waits is written below.
        }

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5), time);
        try
        {
            await WriteWaitingAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            LogLost(_later.Reader.Count);
        }
    }

    private async Task WriteWaitingAsync(CancellationToken cancellationToken)
    {
        var some = new List<AuditEntry>();
        while (some.Count > 0 || _later.Reader.TryPeek(out _))
        {
            while (some.Count < MostAtOnce && _later.Reader.TryRead(out var entry))
            {
                some.Add(entry);
            }

            try
            {
                await log.AddAsync(some, cancellationToken);
                some.Clear();
            }
            catch (JobStoreUnavailableException)
            {
                await Task.Delay(Pause, time, cancellationToken);
            }
        }

        if (Interlocked.Exchange(ref _lost, 0) is > 0 and var lost)
        {
            LogLost(lost);
        }
    }

    private void Keep(AuditEntry entry)
    {
        if (!_later.Writer.TryWrite(entry))
        {
            Interlocked.Increment(ref _lost);
        }
    }

    private void Tell(AuditEntry entry) =>
        LogEntry(entry.Who, entry.From, entry.Action, entry.Queue, entry.Target, entry.Asked, entry.Count, entry.Outcome, entry.Reason);

    [LoggerMessage(LogLevel.Information, "Audit: {Who} from {From}: {Action} {Queue} {Target} {Asked} {Count} {Outcome} {Reason}", EventName = "Audit")]
    private partial void LogEntry(string who, string? from, string action, string? queue, string? target, string? asked, long? count, string? outcome, string? reason);

    [LoggerMessage(LogLevel.Error, "{Count} entries are in this log only: the audit log's store was away or slow for too long")]
    private partial void LogLost(long count);
}
