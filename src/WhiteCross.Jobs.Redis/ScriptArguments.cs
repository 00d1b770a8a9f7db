using StackExchange.Redis;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Jobs.Redis;

/// <summary>The arguments of one call of a queue's script; the first two are the same for all: the time and the channel.</summary>
internal sealed class ScriptArguments
{
    private RedisValue[] _values;
    private int _count = 2;

    public ScriptArguments(RedisValue now, RedisValue channel, int capacity)
    {
        _values = new RedisValue[capacity + 2];
        (_values[0], _values[1]) = (now, channel);
    }

    /// <summary>All of them: not copied where their number was known before, and not to be added to any more.</summary>
    public RedisValue[] ToArray()
    {
        Array.Resize(ref _values, _count);
        return _values;
    }

    public ScriptArguments With(RedisValue value)
    {
        if (_count == _values.Length)
        {
            Array.Resize(ref _values, _count * 2);
        }

        _values[_count++] = value;
        return this;
    }

    public ScriptArguments With(bool value) => With((RedisValue)(value ? 1 : 0));

    public ScriptArguments With(ReadOnlyMemory<byte> bytes) => With(bytes.IsEmpty ? RedisValue.EmptyString : (RedisValue)bytes);

    /// <summary>In whole milliseconds, rounded up: what is to come must not come too early.</summary>
    public ScriptArguments With(TimeSpan duration) => With((RedisValue)(long)Math.Ceiling(duration.TotalMilliseconds));

    public ScriptArguments With(DateTimeOffset time) => With((RedisValue)time.ToUnixTimeMilliseconds());

    /// <summary>A job without its id.</summary>
    public ScriptArguments WithJob(NewJob job) =>
        With(job.Terms.Count > 0 ? $"~{JobTerms.HashAll(job.Terms)}\n{JobSpec.Of(job)}" : JobSpec.Of(job).ToString())
        .With(job.Data)
        .With(job.Options)
        .With(job.Delay > TimeSpan.Zero ? job.Delay : TimeSpan.Zero)
        .With(ErrorJson.Write(job.Error))
        .With(job.Sum ?? DataSum.Of(job));

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
