using System.Globalization;
using System.Text;

namespace WhiteCross.Chaos.Checking;

/// <summary>What a chaos run came to.</summary>
/// <param name="Seed">Its seed.</param>
/// <param name="Jobs">The jobs that were accepted.</param>
/// <param name="Effects">The effects outside.</param>
/// <param name="Runs">The runs of handlers.</param>
/// <param name="Faults">The faults.</param>
/// <param name="Stalls">The attempts that were recovered after their process had gone silent.</param>
/// <param name="LongestRecovery">The longest time from a worker's last sign of life to its job being taken back, while everything else was well.</param>
/// <param name="Recoveries">How many such times were measured.</param>
/// <param name="Replays">The jobs that were replayed because a sidecar had given up their events.</param>
/// <param name="Violations">What must not be; none is what a run is for.</param>
public sealed record ChaosReport(
    int Seed, int Jobs, int Effects, int Runs, int Faults, int Stalls, TimeSpan LongestRecovery, int Recoveries, int Replays, IReadOnlyList<string> Violations)
{
    private const int Shown = 30;

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"seed {Seed}: {Jobs} jobs, {Runs} runs, {Effects} effects outside, {Faults} faults, {Stalls} stalled attempts, longest of {Recoveries} recoveries {LongestRecovery.TotalSeconds:0.0} s, {Replays} replayed");
        foreach (var violation in Violations.Take(Shown))
        {
            text.Append("VIOLATION ").AppendLine(violation);
        }

        return text.Append(Violations.Count switch
        {
            0 => "All invariants held.",
            > Shown => $"… and {Violations.Count - Shown} more violations.",
            _ => $"{Violations.Count} violations.",
        }).ToString();
    }
}
