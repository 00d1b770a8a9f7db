using StackExchange.Redis;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Redis;

/// <summary>The arguments of one call of a queue's script; the first two are the same for all: the time and the channel.</summary>
internal sealed class ScriptArguments
{
    private readonly List<RedisValue> _values;

    public ScriptArguments(RedisValue now, RedisValue channel, int capacity) => _values = new List<RedisValue>(capacity + 2) { now, channel };

    public RedisValue[] ToArray() => [.. _values];

    public ScriptArguments With(RedisValue value)
    {
        _values.Add(value);
        return this;
    }

    public ScriptArguments With(bool value) => With((RedisValue)(value ? 1 : 0));

    public ScriptArguments With(ReadOnlyMemory<byte> bytes) => With(bytes.IsEmpty ? RedisValue.EmptyString : (RedisValue)bytes);

    /// <summary>In whole milliseconds, rounded up: what is to come must not come too early.</summary>
    public ScriptArguments With(TimeSpan duration) => With((RedisValue)(long)Math.Ceiling(duration.TotalMilliseconds));

    public ScriptArguments With(DateTimeOffset time) => With((RedisValue)time.ToUnixTimeMilliseconds());

    /// <summary>A job without its id.</summary>
    public ScriptArguments WithJob(NewJob job) =>
        With(TermsOf(job) is { Length: > 0 } terms ? $"~{terms}\n{JobSpec.Of(job)}" : JobSpec.Of(job).ToString())
        .With(job.Data)
        .With(job.Options)
        .With(job.Delay > TimeSpan.Zero ? job.Delay : TimeSpan.Zero)
        .With(ErrorJson.Write(job.Error))
        .With(job.Sum ?? DataSum.Of(job));

    /// <summary>A job's terms as they are kept: hashes, with blanks between them.</summary>
    public static string TermsOf(NewJob job) => string.Join(' ', job.Terms.Select(JobTerms.Hash));

    public ScriptArguments WithClaims(IReadOnlyList<JobClaim> claims)
    {
        foreach (var claim in claims)
        {
            With(claim.JobId).With(claim.Claim);
        }

        return this;
    }

    public ScriptArguments WithLines(IReadOnlyList<string> lines)
    {
        With(lines.Count);
        foreach (var line in lines)
        {
            With(line);
        }

        return this;
    }
}
