using System.Globalization;
using StackExchange.Redis;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Redis;

/// <summary>Makes a job's record of what the scripts answer: id, the hash's fields and values, log lines.</summary>
internal static class RecordReader
{
    private const string AttemptPrefix = "attempt:";
    private const string StepPrefix = "step:";

    /// <returns>The record; null when there is none.</returns>
    public static JobRecord? Read(string queue, bool isPaused, RedisResult answer)
    {
        var parts = (RedisResult[])answer!;
        var hash = (RedisValue[])parts[1]!;
        if (hash.Length == 0)
        {
            return null;
        }

        var fields = new Dictionary<string, RedisValue>(hash.Length / 2, StringComparer.Ordinal);
        var attempts = new List<(long Token, JobAttempt Attempt)>();
        var steps = new List<(int Number, string Name)>();
        for (var i = 0; i < hash.Length; i += 2)
        {
            var name = (string)hash[i]!;
            if (name.StartsWith(AttemptPrefix, StringComparison.Ordinal))
            {
                attempts.Add((long.Parse(name.AsSpan(AttemptPrefix.Length), CultureInfo.InvariantCulture), ReadAttempt(hash[i + 1])));
            }
            else if (name.StartsWith(StepPrefix, StringComparison.Ordinal))
            {
                steps.Add((int.Parse(name.AsSpan(StepPrefix.Length), CultureInfo.InvariantCulture), hash[i + 1]!));
            }
            else
            {
                fields.Add(name, hash[i + 1]);
            }
        }

        var spec = JobSpec.Parse(fields["spec"]!);
        var state = ReadState(((string)fields["state"]!)[0]);
        var progress = StoredJson.Progress(Bytes(fields, "progress").Span);
        return new JobRecord
        {
            JobId = (string)parts[0]!,
            Queue = queue,
            Type = spec.Type,
            State = state == JobState.Waiting && isPaused ? JobState.Paused : state,
            Priority = spec.Priority,
            AttemptsMade = (int)fields.GetValueOrDefault("made"),
            MaxAttempts = spec.MaxAttempts,
            Progress = state == JobState.Completed ? progress with { Percentage = 100 } : progress,
            CreatedAt = ReadTime(fields["created"]),
            StartedAt = Time(fields, "started"),
            FinishedAt = Time(fields, "finished"),
            NextAttemptAt = state == JobState.Delayed ? Time(fields, "due") : null,
            Snoozes = Text(fields, "snoozes") is { } snoozes ? int.Parse(snoozes, CultureInfo.InvariantCulture) : 0,
            SnoozeReason = Text(fields, "snooze"),
            SnoozedSince = Time(fields, "snoozed"),
            Attempts = [.. attempts.OrderBy(attempt => attempt.Token).Select(attempt => attempt.Attempt)],
            Error = state == JobState.Completed ? null : ErrorJson.Read(Bytes(fields, "error").Span),
            Result = StoredJson.Element(Bytes(fields, "result")),
            Logs = [.. ((RedisValue[])parts[2]!).Select(line => (string)line!)],
            Steps = [.. steps.OrderBy(step => step.Number).Select(step => step.Name)],
            TraceId = TraceIds.FromTraceParent(spec.TraceParent),
            AddedBy = spec.AddedBy,
            Data = StoredJson.Element(Bytes(fields, "data")) ?? StoredJson.Null,
            Options = StoredJson.Options(Bytes(fields, "options").Span),
        };
    }

    public static JobState ReadState(char letter) => letter switch
    {
        'w' => JobState.Waiting,
        'p' => JobState.Paused,
        'd' => JobState.Delayed,
        'a' => JobState.Active,
        'c' => JobState.Completed,
        _ => JobState.Failed,
    };

    public static DateTimeOffset ReadTime(RedisValue milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds((long)milliseconds);

    private static DateTimeOffset? Time(Dictionary<string, RedisValue> fields, string name) =>
        fields.TryGetValue(name, out var value) && !value.IsNullOrEmpty ? ReadTime(value) : null;

    private static string? Text(Dictionary<string, RedisValue> fields, string name) =>
        fields.TryGetValue(name, out var value) && !value.IsNullOrEmpty ? (string)value! : null;

    private static ReadOnlyMemory<byte> Bytes(Dictionary<string, RedisValue> fields, string name) =>
        fields.TryGetValue(name, out var value) ? (byte[]?)value : default;

    /// <summary>"number started finished error".</summary>
    private static JobAttempt ReadAttempt(RedisValue value)
    {
        ReadOnlySpan<byte> rest = (byte[])value!;
        var number = ReadNumber(ref rest);
        var startedAt = ReadNumber(ref rest);
        var finishedAt = ReadNumber(ref rest);
        return new JobAttempt(
            (int)number, DateTimeOffset.FromUnixTimeMilliseconds(startedAt), DateTimeOffset.FromUnixTimeMilliseconds(finishedAt), ErrorJson.Read(rest));
    }

    private static long ReadNumber(ref ReadOnlySpan<byte> rest)
    {
        var blank = rest.IndexOf((byte)' ');
        var number = long.Parse(rest[..blank], CultureInfo.InvariantCulture);
        rest = rest[(blank + 1)..];
        return number;
    }
}
