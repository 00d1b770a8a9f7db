using System.Globalization;

namespace WhiteCross.MessageDelivery;

/// <summary>From where on a connection is fed: the query parameter <c>after</c>.</summary>
/// <param name="Position">The position of the last message that the device has; null for what is new from now on.</param>
/// <param name="IsLater">Whether the device says so later, by <see cref="MessageHub.Resume"/>: what a client does whose address stays the same when it connects again.</param>
internal readonly record struct InboxStart(long? Position, bool IsLater)
{
    /// <summary>The parameter's name.</summary>
    public const string Parameter = "after";

    private const string Later = "resume";

    public static bool TryRead(IQueryCollection query, out InboxStart start)
    {
        start = default;
        if (!query.TryGetValue(Parameter, out var text))
        {
            return true;
        }

        if (text is [Later])
        {
            start = new InboxStart(null, true);
            return true;
        }

        if (text.Count != 1 || !long.TryParse(text[0], NumberStyles.None, CultureInfo.InvariantCulture, out var position))
        {
            return false;
        }

        start = new InboxStart(position, false);
        return true;
    }
}
