using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageIndexing;

/// <summary>A search's parameters.</summary>
internal sealed class SearchInput
{
    public const int DefaultLimit = 20;
    public const int MaxLimit = 100;

    private static readonly string[] DateTimes = ["yyyy-MM-dd'T'HH:mmzzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd'T'HH:mm'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'"];

    private readonly QueryInput _input;

    public SearchInput(QueryInput input)
    {
        _input = input;
        var (query, user) = (Query(), input.RequiredUser("is required: the uuid of the user who searches."));
        var (conversation, from, to) = (input.QueryId("conversationId"), Time("from", isEnd: false), Time("to", isEnd: true));
        if (from > to && !input.Errors.ContainsKey("from"))
        {
            input.Refuse("to", "must not be before from.");
        }

        var limit = input.Number("limit", DefaultLimit, 1, MaxLimit);
        var byTime = input.Choice("sort", false, ("relevance", false), ("time", true));
        WantsFacets = input.Flag("facets");
        SearchNumber = NumberOf(query is null ? "" : input.Text("q")!, user, conversation, from, to, byTime);
        SearchCursor? after = null;
        if (input.Text("cursor") is { } cursor && !SearchCursor.TryParse(cursor, SearchNumber, out after) && !input.HasErrors)
        {
            input.Refuse("cursor", "is no cursor of this search: give back the nextCursor of the page before with the same parameters, or leave it out for the first page.");
        }

        if (!input.HasErrors)
        {
            Request = new SearchRequest(query!, user, limit) { ConversationId = conversation, From = from, To = to, ByTime = byTime, After = after };
        }
    }

    /// <summary>The search; null when something is wrong.</summary>
    public SearchRequest? Request { get; }

    /// <summary>Whether it is asked too where what was found lies.</summary>
    public bool WantsFacets { get; }

    /// <summary>Stands for everything that the order and the set of results depend on.</summary>
    public uint SearchNumber { get; }

    private SearchQuery? Query()
    {
        if (_input.Text("q") is not { } text)
        {
            _input.Refuse("q", "is required: what to search for.");
            return null;
        }

        if (!SearchQueryReader.TryRead(text, out var query, out var error))
        {
            _input.Refuse("q", error);
        }

        return query;
    }

    private DateTimeOffset? Time(string name, bool isEnd)
    {
        if (_input.Text(name) is not { } text)
        {
            return null;
        }

        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            return new DateTimeOffset(date, isEnd ? TimeOnly.MaxValue : TimeOnly.MinValue, TimeSpan.Zero);
        }

        if (!DateTimeOffset.TryParseExact(text, DateTimes, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            _input.Refuse(name, "must be a date such as 2026-03-04, or a date-time with its offset such as 2026-03-04T05:06:07Z (a + is written %2B in an address).");
        }

        return time.ToUniversalTime();
    }

    private static uint NumberOf(string query, Guid user, Guid? conversation, DateTimeOffset? from, DateTimeOffset? to, bool byTime) =>
        BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"{user}|{conversation}|{from?.UtcTicks}|{to?.UtcTicks}|{byTime}|{query}"))));
}
