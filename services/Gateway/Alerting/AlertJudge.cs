using Microsoft.Extensions.Options;
using WhiteCross.Dashboard;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway;

/// <summary>Raises and resolves alerts. Several gateways may look at once: the store lets one of them make each change.</summary>
internal sealed class AlertJudge(IVersionedStore<StoredAlert> alerts, IJobReader jobs, IOptions<AlertOptions> options, IOptionsMonitor<DashboardOptions> limits, TimeProvider time)
{
    private const int MinutesOfStalls = 60;

    // Of a webhook that stays away while an alert comes and goes, the latest matter.
    private const int MostDeliveries = 50;

    public async Task JudgeAsync(QueueSnapshot snapshot, CancellationToken cancellationToken)
    {
        if (!snapshot.IsStoreAvailable)
        {
            return; // Nothing is known of the queues, and nothing can be kept.
        }

        var history = await jobs.GetHistoryAsync([.. snapshot.Queues.Select(queue => queue.Name)], MinutesOfStalls, cancellationToken);
        var stalled = history.ToDictionary(queue => queue.Name, queue => queue.Minutes.Sum(minute => minute.Stalled));
        var known = (await alerts.ListAsync(StoredAlert.Group, cancellationToken)).ToDictionary(alert => (alert.Queue, alert.Kind));
        foreach (var finding in snapshot.Queues.SelectMany(queue => AlertRules.Look(queue, stalled[queue.Name], limits.CurrentValue)))
        {
            var current = known.GetValueOrDefault((finding.Queue, finding.Kind));
            if (Next(current, finding) is { } next)
            {
                await alerts.ReplaceAsync(current, next, cancellationToken); // Refused: another gateway has done it.
            }
        }
    }

    /// <summary>What becomes of an alert; null when it stays as it is.</summary>
    private StoredAlert? Next(StoredAlert? current, AlertFinding finding)
    {
        var now = time.GetUtcNow();
        if (current is not { IsRaised: true })
        {
            return finding.IsBeyond
                ? Tell(
                    new StoredAlert
                    {
                        Queue = finding.Queue,
                        Kind = finding.Kind,
                        Id = Guid.CreateVersion7(now).ToString(),
                        IsRaised = true,
                        Since = now,
                        Deliveries = current?.Deliveries ?? [],
                    },
                    finding,
                    AlertMessage.Raised)
                : null;
        }

        if (finding.IsBeyond)
        {
            return current.ClearSince is null ? null : current with { ClearSince = null };
        }

        var clearSince = current.ClearSince ?? now;
        return now - clearSince >= options.Value.ClearAfter ? Tell(current with { IsRaised = false, ClearSince = null }, finding, AlertMessage.Resolved)
            : current.ClearSince is null ? current with { ClearSince = now }
            : null;
    }

    private StoredAlert Tell(StoredAlert alert, AlertFinding finding, string state)
    {
        var now = time.GetUtcNow();
        var body = new AlertMessage(alert.Id, alert.Kind, alert.Queue, state, finding.Value, finding.Threshold, alert.Since, now).ToJson();
        var added = options.Value.Webhooks
            .Where(webhook => webhook.Wants(alert.Kind))
            .Select(webhook => new AlertDelivery($"{alert.Id}-{state}-{webhook.Key}", webhook.Key, body, 0, now));
        return alert with { Deliveries = [.. alert.Deliveries.Concat(added).TakeLast(MostDeliveries)] };
    }
}
