using WhiteCross.Jobs;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.MessageNotification.Tests;

/// <summary>
/// Runs jobs in fake time as their queue does: so many at once, a snoozed one when it is due and no sooner than the queue's own spacing, a failed attempt
/// after its back-off. Time goes on only while nothing else does.
/// </summary>
public sealed class JobLine(NotificationService service, int concurrency = 1)
{
    private const int MaxAttempts = 3;
    private readonly List<LineJob> _jobs = [];

    public IReadOnlyList<LineJob> Jobs => _jobs;

    public LineJob Add(SendNotificationJob data)
    {
        var job = new LineJob($"job-{_jobs.Count + 1}", data, service.Time.GetUtcNow());
        _jobs.Add(job);
        return job;
    }

    /// <summary>Until every job has ended, but no longer than that.</summary>
    public async Task RunAsync(TimeSpan atMost)
    {
        var end = service.Time.GetUtcNow() + atMost;
        var running = new Dictionary<Task, LineJob>();
        while (true)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            foreach (var job in _jobs.Where(one => one.IsWaiting && one.DueAt <= service.Time.GetUtcNow()).OrderBy(one => one.DueAt).Take(concurrency - running.Count).ToArray())
            {
                job.IsWaiting = false;
                running.Add(RunAsync(job), job);
            }

            if (running.Count > 0)
            {
                // What holds it up is the network of this machine, or a server that waits for the clock to go on.
                await Task.WhenAny([.. running.Keys, Task.Delay(20)]);
                foreach (var done in running.Keys.Where(task => task.IsCompleted).ToArray())
                {
                    await done;
                    running.Remove(done);
                }

                if (running.Count == concurrency || (running.Count > 0 && !_jobs.Any(one => one.IsWaiting && one.DueAt <= service.Time.GetUtcNow())))
                {
                    service.Time.Advance(TimeSpan.FromSeconds(concurrency == 1 ? 0 : 0.5));
                }

                continue;
            }

            if (_jobs.Where(one => one.IsWaiting).MinBy(one => one.DueAt) is not { } next || next.DueAt > end)
            {
                return;
            }

            if (concurrency == 1)
            {
                // Nothing is on its way that waits for the clock; a whole day of the service's own timers would only take time.
                service.Time.AdjustTime(next.DueAt);
            }
            else
            {
                service.Time.Advance(next.DueAt - service.Time.GetUtcNow());
            }
        }
    }

    private async Task RunAsync(LineJob job)
    {
        job.Runs++;
        var outcome = await Task.Run(() => service.RunAsync(job.Data, job.Reports, job.Id, createdAt: job.CreatedAt));
        var now = service.Time.GetUtcNow();
        switch (outcome)
        {
            case JobOutcome.Snooze snooze:
                job.Snoozes = snooze.StartsAnew ? 0 : job.Snoozes;
                var floor = TimeSpan.FromSeconds(Math.Min(300, Math.Pow(1.5, Math.Min(50, job.Snoozes++))));
                (job.DueAt, job.IsWaiting) = (now + (snooze.For > floor ? snooze.For : floor), true);
                job.Reports.Attempts--;
                break;
            case JobOutcome.Retry retry when job.Reports.Attempts < MaxAttempts:
                (job.DueAt, job.IsWaiting) = (now + (retry.After ?? TimeSpan.FromSeconds(Math.Pow(2, job.Reports.Attempts - 1))), true);
                break;
            default:
                job.End = outcome;
                break;
        }
    }
}

/// <summary>A job in its line.</summary>
public sealed class LineJob(string id, SendNotificationJob data, DateTimeOffset dueAt)
{
    public string Id => id;

    public SendNotificationJob Data => data;

    public JobReports Reports { get; } = new();

    public DateTimeOffset CreatedAt { get; } = dueAt;

    public DateTimeOffset DueAt { get; set; } = dueAt;

    public bool IsWaiting { get; set; } = true;

    public int Runs { get; set; }

    public int Snoozes { get; set; }

    /// <summary>What the job ended with; null while it has not.</summary>
    public JobOutcome? End { get; set; }
}
