using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Failures;

/// <summary>
/// What failures are grouped by: the job's type, and a fingerprint of its error's code and text. Errors that differ in numbers, ids, quoted names, addresses
/// and lines after the first are one cause.
/// </summary>
public static partial class FailureCause
{
    /// <summary>The most causes of a queue that are kept apart; what fails beyond them for something new is of the cause "other" of its type.</summary>
    public const int MaxPerQueue = 500;

    /// <summary>How long it is remembered when a cause was first seen that no failed job is left of.</summary>
    public static readonly TimeSpan KeepFor = TimeSpan.FromDays(7);

    /// <summary>The fingerprint of those that nothing was made of: beyond the most, or from before there were any.</summary>
    public const string Other = "other";

    private const int LongestText = 500;

    /// <summary>The fingerprint of an error: 16 hexadecimal digits.</summary>
    /// <param name="error">The error.</param>
    public static string FingerprintOf(JobError error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return error.Cause ?? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{error.Code}\n{Normalise(error.Message)}")).AsSpan(0, 8));
    }

    /// <summary>The name of a group: type and fingerprint.</summary>
    /// <param name="type">The job's type; one that is none of ours counts as unknown.</param>
    /// <param name="fingerprint">The fingerprint.</param>
    public static string Of(string type, string fingerprint) => $"{(TypePattern().IsMatch(type) ? type : "unknown")}:{fingerprint}";

    /// <summary>An error's text without what differs from job to job.</summary>
    /// <param name="message">The text.</param>
    public static string Normalise(string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var end = message.AsSpan().IndexOfAny('\r', '\n');
        var line = end < 0 ? message : message[..end];
        line = line.Length <= LongestText ? line : line[..LongestText];
        return SpacePattern().Replace(VariablePattern().Replace(line, "#"), " ").Trim();
    }

    // No limit of time: the text is short, so that no pattern takes long, and on a machine that stands still for a second a limit would fail the failure.
    [GeneratedRegex(
        """'[^']*'|"[^"]*"|[^\s<>"']+@[^\s<>"']+|\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b|\b(?=[a-fA-F]*[0-9])[0-9a-fA-F]{8,}\b|[0-9]+(?:[.,:][0-9]+)*""",
        RegexOptions.CultureInvariant)]
    private static partial Regex VariablePattern();

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant)]
    private static partial Regex SpacePattern();

    [GeneratedRegex(@"\A[A-Za-z0-9-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex TypePattern();
}
