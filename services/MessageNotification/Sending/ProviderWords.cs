using System.Text.RegularExpressions;

namespace WhiteCross.MessageNotification;

/// <summary>
/// What of a provider's answer may be kept and told. Some answer with what they were sent, in whatever field; a code is told only if it looks like one, and an id is kept only if it is
/// neither the address nor a part of it.
/// </summary>
internal static partial class ProviderWords
{
    private const int LeastOfAddress = 6;

    /// <summary>A code as it is; null for what is none.</summary>
    /// <param name="text">What stands in the code's place.</param>
    public static string? Code(string? text) => text is not null && CodeForm().IsMatch(text) ? text : null;

    /// <summary>The id that a provider gives what it has taken; null for what is none.</summary>
    /// <param name="text">What stands in the id's place.</param>
    /// <param name="address">Where it was sent: a number or a token.</param>
    public static string? Id(string? text, string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (text is null || !IdForm().IsMatch(text))
        {
            return null;
        }

        // A phone number as gateways write it: with and without its plus, its zeros, its country.
        var bare = address.TrimStart('+');
        return bare.Length < LeastOfAddress || !text.Contains(bare[^Math.Min(bare.Length, 9)..], StringComparison.OrdinalIgnoreCase) ? text : null;
    }

    [GeneratedRegex(@"\A(?:[A-Z_]{1,40}|[a-z_]{1,40})\z")]
    private static partial Regex CodeForm();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9_.:/-]{0,127}\z")]
    private static partial Regex IdForm();
}
