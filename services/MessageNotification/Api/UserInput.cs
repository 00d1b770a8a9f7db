using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using WhiteCross.Jobs.Contracts;
using WhiteCross.ServiceDefaults;
using WhiteCross.Storage;

namespace WhiteCross.MessageNotification;

/// <summary>Reads a request's parameters and gathers what is wrong with them, so that the caller hears of all at once.</summary>
internal sealed class UserInput
{
    public const int DefaultLimit = 50;
    public const int MaxLimit = 200;

    private readonly IQueryCollection _query;
    private readonly Dictionary<string, string[]> _errors;
    private readonly Guid? _caller;
    private readonly Guid? _user;

    /// <param name="context">A request about what is the caller's own, whoever that is.</param>
    public UserInput(HttpContext context)
        : this(context, user: null)
    {
    }

    /// <param name="context">The request.</param>
    /// <param name="user">Whose notifications it is about, as the path says.</param>
    public UserInput(HttpContext context, string? user)
    {
        _query = context.Request.Query;
        _errors = StrictRequests.TakeQueryErrors(context);
        _user = user is not null && TryReadId("id", user, out var id) ? id : null;
        var (caller, error) = UserAuthentication.FindUser(context);
        _caller = caller;
        if (error is not null)
        {
            _errors[UserAuthentication.UserParameter] = [error];
        }
        else if (caller is null && context.RequestServices.AuthenticatesUsers())
        {
            _errors[UserAuthentication.UserParameter] = ["The token has no sub claim."];
        }
    }

    /// <summary>Who asks; null where nobody says.</summary>
    public Guid? Caller => _caller;

    public Guid User => _user!.Value;

    public void Add(string field, string problem) => _errors.TryAdd(field, [problem]);

    /// <summary>What to answer instead, when the caller is somebody else, who is not told what else is wrong, or when something is wrong with the request.</summary>
    public IResult? Refusal() =>
        _caller is { } caller && _user is { } user && caller != user
            ? TypedResults.Problem(statusCode: StatusCodes.Status403Forbidden, title: "These are another user's notifications.")
        : _errors.Count > 0 ? TypedResults.ValidationProblem(_errors)
        : null;

    public Guid Id(string field, string text)
    {
        TryReadId(field, text, out var id);
        return id;
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
                Add(name, "must be true or false.");
                return false;
        }
    }

    /// <summary>Null for all channels.</summary>
    public NotificationType? Channel()
    {
        switch (One("channel"))
        {
            case null or "in_app":
                return NotificationType.InApp;
            case "email":
                return NotificationType.Email;
            case "sms":
                return NotificationType.Sms;
            case "push":
                return NotificationType.Push;
            case "all":
                return null;
            default:
                Add("channel", "must be in_app, email, sms, push or all.");
                return null;
        }
    }

    public int Limit()
    {
        var limit = DefaultLimit;
        if (One("limit") is { } text
            && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > MaxLimit))
        {
            Add("limit", $"must be a whole number from 1 to {MaxLimit}.");
        }

        return limit;
    }

    public PageCursor? Cursor()
    {
        PageCursor? after = null;
        if (One("cursor") is { } cursor && !PageCursor.TryParse(cursor, out after))
        {
            Add("cursor", "is not a cursor: give back the nextCursor of the page before, or leave it out for the first page.");
        }

        return after;
    }

    private bool TryReadId(string field, string text, out Guid id)
    {
        var isId = Guid.TryParseExact(text, "D", out id);
        if (!isId)
        {
            _errors[field] = ["must be a uuid, like 3f2b7c1e-5a4d-4e8f-9b0a-1c2d3e4f5a6b."];
        }

        return isId;
    }

    private string? One(string name)
    {
        var values = _query[name];
        return values.Count > 0 ? values[0] : null;
    }
}
