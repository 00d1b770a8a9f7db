using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using WhiteCross.ServiceDefaults;
using WhiteCross.Storage;

namespace WhiteCross.MessageDelivery;

/// <summary>Reads a request's parameters and gathers what is wrong with them, so that the caller hears of all at once.</summary>
internal sealed class RequestInput
{
    public const int DefaultLimit = 50;
    public const int MaxLimit = 200;

    private readonly IQueryCollection _query;
    private readonly Dictionary<string, string[]> _errors;

    public RequestInput(HttpContext context)
    {
        _query = context.Request.Query;
        _errors = StrictRequests.TakeQueryErrors(context);
        var (user, error) = UserAuthentication.FindUser(context);
        User = user;
        if (error is not null)
        {
            _errors[UserAuthentication.UserParameter] = [error];
        }
        else if (user is null && context.RequestServices.AuthenticatesUsers())
        {
            _errors[UserAuthentication.UserParameter] = ["The token has no sub claim."];
        }
    }

    public Guid? User { get; }

    public bool HasErrors => _errors.Count > 0;

    public ValidationProblem Problem() => TypedResults.ValidationProblem(_errors);

    public void Refuse(string name, string problem) => _errors[name] = [problem];

    public Guid Id(string text)
    {
        if (!Guid.TryParseExact(text, "D", out var id))
        {
            _errors["id"] = ["must be a uuid, like 3f2b7c1e-5a4d-4e8f-9b0a-1c2d3e4f5a6b."];
        }

        return id;
    }

    public Guid RequiredUser()
    {
        if (User is null)
        {
            _errors.TryAdd(UserAuthentication.UserParameter, ["is required: the uuid of the user who asks."]);
        }

        return User.GetValueOrDefault();
    }

    public bool Flag(string name)
    {
        switch (One(name))
        {
            case null or "false":
                return false;
            case "true":
                return true;
            default:
                _errors[name] = ["must be true or false."];
                return false;
        }
    }

    /// <summary>How many to list: what <c>limit</c> says, or the default.</summary>
    public int Limit()
    {
        var limit = DefaultLimit;
        if (One("limit") is { } text
            && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > MaxLimit))
        {
            _errors["limit"] = [$"must be a whole number from 1 to {MaxLimit}."];
        }

        return limit;
    }

    /// <summary>Where to go on: what <c>cursor</c> says; null for the first page.</summary>
    public PageCursor? Cursor()
    {
        PageCursor? after = null;
        if (One("cursor") is { } cursor && !PageCursor.TryParse(cursor, out after))
        {
            _errors["cursor"] = ["is not a cursor: give back the nextCursor of the page before, or leave it out for the first page."];
        }

        return after;
    }

    /// <summary>The position after which to go on: what <c>after</c> says; null where it is not asked for.</summary>
    public long? Position()
    {
        var position = 0L;
        if (One(InboxStart.Parameter) is not { } text)
        {
            return null;
        }

        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out position))
        {
            _errors[InboxStart.Parameter] = ["must be the position of a message: a whole number from 0 on."];
        }

        return position;
    }

    public string? One(string name)
    {
        var values = _query[name];
        return values.Count > 0 ? values[0] : null;
    }
}
