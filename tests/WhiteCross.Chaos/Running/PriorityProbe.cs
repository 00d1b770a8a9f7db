using System.Net.Http.Json;
using WhiteCross.Chaos.Checking;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Chaos.Running;

/// <summary>A backlog of LOW jobs, and CRITICAL ones that come after it: they must not wait for it.</summary>
internal static class PriorityProbe
{
    /// <summary>Jobs that a worker runs at once.</summary>
    public const int Concurrency = 8;

    // What runs when the job comes, and what is taken up while its event is on its way, longer on a busy machine. In order of arrival it would be the
    // whole backlog.
    private const int Rounds = 3;

    private const string Backlog = "probe-low-";
    private const string Urgent = "probe-critical-";
    private const int BacklogLength = 96;
    private const int JobMilliseconds = 250;

    /// <summary>Returns when the urgent jobs have ended, so that no fault holds them up.</summary>
    public static async Task RunAsync(Publisher publisher, HttpClient gateway, TimeProvider time, CancellationToken cancellationToken)
    {
        await Task.WhenAll(Enumerable.Range(0, BacklogLength).Select(_ => publisher.AddAsync(Backlog, Behaviour.Slow, JobMilliseconds, "LOW", cancellationToken)));
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => publisher.AddAsync(Urgent, Behaviour.Fast, 10, "CRITICAL", cancellationToken)));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100), time);
        foreach (var id in publisher.Accepted.Keys.Where(id => id.StartsWith(Urgent, StringComparison.Ordinal)))
        {
            while ((await gateway.GetFromJsonAsync<JobRecord>($"/queue/{JobQueues.MessageNotification}/jobs/{id}", JobsJsonContext.Default.Options, cancellationToken))!.State != JobState.Completed)
            {
                await timer.WaitForNextTickAsync(cancellationToken);
            }
        }
    }

    /// <summary>Between the adding of an urgent job and its run, only a few LOW jobs may begin.</summary>
    public static IEnumerable<string> Check(ChaosHistory history)
    {
        var starts = history.Lines.Where(line => line.What == "start").ToArray();
        foreach (var job in history.Jobs.Keys.Where(id => id.StartsWith(Urgent, StringComparison.Ordinal)))
        {
            if (!history.Records.TryGetValue(job, out var record) || Array.Find(starts, line => line.JobId == job) is not { } start)
            {
                continue; // Said elsewhere.
            }

            var before = starts.Count(line => line.JobId.StartsWith(Backlog, StringComparison.Ordinal) && line.Wall > record.CreatedAt && line.At < start.At);
            if (before > Rounds * 2 * Concurrency)
            {
                yield return $"job {job} (CRITICAL) waited while {before} LOW jobs began";
            }
        }
    }
}
