using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageIndexing;

/// <summary>Reads a search's parameters and gathers what is wrong with them, so that the caller hears of all at once.</summary>
internal sealed class SearchInput
{
    public const int DefaultLimit = 20;
    public const int MaxLimit = 100;

    private static readonly string[] DateTimes = ["yyyy-MM-dd'T'HH:mmzzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd'T'HH:mm'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'"];

    private readonly IQueryCollection _query;

    public SearchInput(HttpContext context)
    {
        _query = context.Request.Query;
        Errors = StrictRequests.TakeQueryErrors(context);
        var (query, user) = (Query(), User(context));
        var (conversation, from, to) = (Conversation(), Time("from", isEnd: false), Time("to", isEnd: true));
        if (from > to && !Errors.ContainsKey("from") && !Errors.ContainsKey("to"))
        {
            Errors["to"] = ["must not be before from."];
        }

        var limit = Limit();
        var byTime = ByTime();
        WantsFacets = Facets();
        SearchNumber = NumberOf(query is null ? "" : One("q")!, user, conversation, from, to, byTime);
        SearchCursor? after = null;
        if (One("cursor") is { } cursor && !SearchCursor.TryParse(cursor, SearchNumber, out after) && Errors.Count == 0)
        {
            Errors["cursor"] = ["is no cursor of this search: give back the nextCursor of the page before with the same parameters, or leave it out for the first page."];
        }

        if (Errors.Count == 0)
        {
            Request = new SearchRequest(query!, user, limit) { ConversationId = conversation, From = from, To = to, ByTime = byTime, After = after };
        }
    }

    /// <summary>The search; null when something is wrong.</summary>
    public SearchRequest? Request { get; }

    /// <summary>What is wrong, by parameter.</summary>
    public Dictionary<string, string[]> Errors { get; }

    /// <summary>Whether it is asked too where what was found lies.</summary>
    public bool WantsFacets { get; }

    /// <summary>Stands for everything that the order and the set of results depend on.</summary>
    public uint SearchNumber { get; }

    private SearchQuery? Query()
    {
        if (One("q") is not { } text)
        {
            Errors.TryAdd("q", ["is required: what to search for."]);
            return null;
        }

        if (!SearchQueryReader.TryRead(text, out var query, out var error))
        {
            Errors["q"] = [error];
        }

        return query;
    }

    private Guid User(HttpContext context)
    {
        var (user, error) = UserAuthentication.FindUser(context);
        if (user is null)
        {
            Errors[UserAuthentication.UserParameter] =
            [
                error ?? (context.RequestServices.AuthenticatesUsers() ? "The token has no sub claim." : "is required: the uuid of the user who searches."),
            ];
        }

        return user.GetValueOrDefault();
    }

    private Guid? Conversation()
    {
        if (One("conversationId") is not { } text)
        {
            return null;
        }

        if (!Guid.TryParseExact(text, "D", out var id))
        {
            Errors.TryAdd("conversationId", ["must be a uuid, like 3f2b7c1e-5a4d-4e8f-9b0a-1c2d3e4f5a6b."]);
        }

        return id;
    }

    private DateTimeOffset? Time(string name, bool isEnd)
    {
        if (One(name) is not { } text)
        {
            return null;
        }

        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            return new DateTimeOffset(date, isEnd ? TimeOnly.MaxValue : TimeOnly.MinValue, TimeSpan.Zero);
        }

        if (!DateTimeOffset.TryParseExact(text, DateTimes, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            Errors.TryAdd(name, ["must be a date such as 2026-03-04, or a date-time with its offset such as 2026-03-04T05:06:07Z (a + is written %2B in an address)."]);
        }

        return time.ToUniversalTime();
    }

    private bool ByTime()
    {
        switch (One("sort"))
        {
            case null or "relevance":
                return false;
            case "time":
                return true;
            default:
                Errors.TryAdd("sort", ["must be relevance or time."]);
                return false;
        }
    }

    private bool Facets()
    {
        switch (One("facets"))
        {
            case null or "false":
                return false;
            case "true":
                return true;
            default:
                Errors.TryAdd("facets", ["must be true or false."]);
                return false;
        }
    }

    private int Limit()
    {
        var limit = DefaultLimit;
        if (One("limit") is { } text
            && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > MaxLimit))
        {
            Errors.TryAdd("limit", [$"must be a whole number from 1 to {MaxLimit}."]);
        }

        return limit;
    }

    private string? One(string name)
    {
        var values = _query[name];
        return values.Count > 0 ? values[0] : null;
    }

    private static uint NumberOf(string query, Guid user, Guid? conversation, DateTimeOffset? from, DateTimeOffset? to, bool byTime) =>
        BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"{user}|{conversation}|{from?.UtcTicks}|{to?.UtcTicks}|{byTime}|{query}"))));
}
