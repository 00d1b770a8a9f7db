using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Redis;

/// <content>Jobs that events have brought to a process.</content>
public sealed partial class RedisJobStore
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<JobArrival>> ReceiveAsync(string queue, IReadOnlyList<NewJob> jobs, CancellationToken cancellationToken)
    {
        if (jobs.Count == 0)
        {
            return [];
        }

        var arguments = Arguments(queue, 1 + (jobs.Count * 7)).With(_options(queue).Lease);
        foreach (var job in jobs)
        {
            arguments.With(job.JobId).WithJob(job);
        }

        var answer = (string)(await RunAsync(QueueScript.Receive, queue, arguments, cancellationToken))!;
        return [.. jobs.Select((_, i) => new JobArrival(answer[2 * i] == 'a', answer[2 * i] == 't' ? null : RecordReader.ReadState(answer[(2 * i) + 1])))];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<bool>> HoldAsync(string queue, IReadOnlyList<string> jobIds, CancellationToken cancellationToken)
    {
        if (jobIds.Count == 0)
        {
            return [];
        }

        var arguments = Arguments(queue, 1 + jobIds.Count).With(_options(queue).Lease);
        foreach (var id in jobIds)
        {
            arguments.With(id);
        }

        var answer = (string)(await RunAsync(QueueScript.Hold, queue, arguments, cancellationToken))!;
        return [.. answer.Select(digit => digit == '1')];
    }
}
