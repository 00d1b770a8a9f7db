using System.Globalization;
using StackExchange.Redis;
using WhiteCross.Jobs.Failures;

namespace WhiteCross.Jobs.Redis;

/// <content>Failed jobs by their cause.</content>
public sealed partial class RedisJobStore : IJobFailures
{
    /// <inheritdoc/>
    public IJobFailures Failures => this;

    async Task<IReadOnlyList<FailureGroup>> IJobFailures.ListAsync(string queue, CancellationToken cancellationToken)
    {
        var arguments = Arguments(queue).With(FailureCause.KeepFor).With(FailureGroup.HourCount);
        var answer = (RedisResult[])(await RunAsync(QueueScript.Failures, queue, arguments, cancellationToken))!;
        return
        [
            .. answer.Select(entry => Read((RedisValue[])entry!))
                .OrderByDescending(group => group.Count).ThenBy(group => group.Cause, StringComparer.Ordinal),
        ];
    }

    async Task<IReadOnlyList<string>> IJobFailures.ListJobIdsAsync(
        string queue, string cause, DateTimeOffset? failedUntil, int limit, CancellationToken cancellationToken)
    {
        var until = failedUntil is { } latest ? latest.ToUnixTimeMilliseconds() : double.PositiveInfinity;
        var ids = await RedisGuard.RunAsync(
            () => _database.SortedSetRangeByScoreAsync($"wc:{{{queue}}}:cause:{cause}", stop: until, take: limit), cancellationToken);
        return [.. ids.Select(id => (string)id!)];
    }

    async Task<IReadOnlyDictionary<string, string>> IJobFailures.ListNotesAsync(string queue, CancellationToken cancellationToken) =>
        (await RedisGuard.RunAsync(() => _database.HashGetAllAsync($"wc:{{{queue}}}:notes"), cancellationToken))
            .ToDictionary(note => (string)note.Name!, note => (string)note.Value!, StringComparer.Ordinal);

    async Task<bool> IJobFailures.ReplaceNoteAsync(string queue, string cause, string? current, string? next, CancellationToken cancellationToken) =>
        (int)await RunAsync(QueueScript.ReplaceNote, queue, Arguments(queue).With(cause).With(current ?? string.Empty).With(next ?? string.Empty), cancellationToken) == 1;

    private static FailureGroup Read(RedisValue[] entry) => new(
        entry[0]!,
        (long)entry[2],
        DateTimeOffset.FromUnixTimeMilliseconds((long)entry[1]),
        DateTimeOffset.FromUnixTimeMilliseconds(long.Parse((string)entry[3]!, NumberStyles.Integer, CultureInfo.InvariantCulture)),
        entry[4]!,
        [.. entry.Skip(5).Select(number => (int)number)]);
}
