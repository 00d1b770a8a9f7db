using System.Text.Json.Serialization;

namespace WhiteCross.Jobs.Contracts;

/// <summary>How the pause between two attempts grows.</summary>
[JsonConverter(typeof(JobBackoffTypeJsonConverter))]
public enum JobBackoffType
{
    /// <summary>The same pause every time.</summary>
    Fixed,

    /// <summary>Twice the pause each time: after attempt n, delay × 2^(n−1).</summary>
    Exponential,
}

/// <summary>The pause between two attempts.</summary>
/// <param name="Type">How it grows.</param>
/// <param name="Delay">The pause after the first attempt, in milliseconds.</param>
public sealed record JobBackoff([property: JsonRequired] JobBackoffType Type, [property: JsonRequired] long Delay)
{
    /// <summary>The longest pause that is ever made: 24 hours, in milliseconds. Doubling stops there.</summary>
    public const long MaxDelay = 24 * 60 * 60 * 1000;

    /// <summary>The pause after attempt <paramref name="attempt"/> failed.</summary>
    /// <param name="attempt">The number of the failed attempt, from 1.</param>
    public TimeSpan After(int attempt)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(attempt, 1);
        if (Type == JobBackoffType.Fixed || Delay == 0)
        {
            return TimeSpan.FromMilliseconds(Math.Min(Delay, MaxDelay));
        }

        // 2^40 ms is beyond the cap whatever the base: a larger shift would only overflow.
        var milliseconds = Math.Min(Delay, MaxDelay) * Math.Pow(2, Math.Min(attempt - 1, 40));
        return TimeSpan.FromMilliseconds(Math.Min(milliseconds, MaxDelay));
    }
}
