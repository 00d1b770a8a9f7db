using System.Globalization;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageDelivery;

/// <summary>From where on a connection is fed: the query parameter <c>after</c>.</summary>
/// <param name="Position">The position of the last message that the device has; null for what is new from now on.</param>
/// <param name="IsLater">Whether the device says so later, by <see cref="MessageHub.Resume"/>: what a client does whose address stays the same when it connects again.</param>
internal readonly record struct InboxStart(long? Position, bool IsLater)
{
    /// <summary>The parameter's name.</summary>
    public const string Parameter = "after";

    private const string Later = "resume";

    public static InboxStart Read(QueryInput input)
    {
        switch (input.Text(Parameter))
        {
            case null:
                return default;
            case Later:
                return new InboxStart(null, true);
            case { } text when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var position):
                return new InboxStart(position, false);
            default:
                input.Refuse(Parameter, "must be the position of the last message that the device has, a whole number from 0 on; or resume. Left out: only what is new.");
                return default;
        }
    }
}
