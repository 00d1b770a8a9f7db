using System.Globalization;
using System.Numerics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace WhiteCross.ServiceDefaults;

/// <summary>
/// Reads a request's query, as a parameter of its handler, and gathers what is wrong with it, so that the caller hears of all at once, each by its name and with what it may
/// be. The endpoint says what it reads by <see cref="QueryParameters.WithQueryParameter"/> or <see cref="RequestRules.ReadsQuery"/>: other names are refused before.
/// </summary>
public sealed class QueryInput
{
    private readonly HttpContext _context;

    private QueryInput(HttpContext context) => (_context, Errors) = (context, StrictRequests.TakeQueryErrors(context));

    /// <summary>What is wrong, by name.</summary>
    public Dictionary<string, string[]> Errors { get; }

    /// <summary>Whether anything is wrong.</summary>
    public bool HasErrors => Errors.Count > 0;

    /// <summary>Makes it a parameter of handlers.</summary>
    /// <param name="context">The request.</param>
    public static ValueTask<QueryInput> BindAsync(HttpContext context) => new(Of(context));

    /// <summary>The query of a request that no handler takes: of a hub's connection.</summary>
    /// <param name="context">The request.</param>
    public static QueryInput Of(HttpContext context) => new(context);

    /// <summary>What to answer when anything is wrong.</summary>
    public ValidationProblem Problem() => TypedResults.ValidationProblem(Errors);

    /// <summary>Adds what a handler has found wrong itself, unless something else is known to be wrong with the same.</summary>
    /// <param name="name">A parameter, or a field of the body.</param>
    /// <param name="problem">What is wrong with it.</param>
    public void Refuse(string name, string problem) => Errors.TryAdd(name, [problem]);

    /// <summary>A parameter as it is; null when it is not given. Where an endpoint takes any request it may be given twice: then all of it, with commas between.</summary>
    /// <param name="name">The parameter.</param>
    public string? Text(string name) => _context.Request.Query.TryGetValue(name, out var values) ? values.ToString() : null;

    /// <summary>A whole number.</summary>
    /// <typeparam name="T">The number's type.</typeparam>
    /// <param name="name">The parameter.</param>
    /// <param name="byDefault">What it is when it is not given.</param>
    /// <param name="least">The least that it may be.</param>
    /// <param name="most">The most that it may be.</param>
    /// <param name="unit">What is counted, for the error: <c>milliseconds</c>.</param>
    public T Number<T>(string name, T byDefault, T least, T most, string? unit = null)
        where T : IBinaryInteger<T>
    {
        if (Text(name) is not { } text || (T.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out byDefault!) && byDefault >= least && byDefault <= most))
        {
            return byDefault;
        }

        Refuse(name, string.Create(CultureInfo.InvariantCulture, $"must be {(unit is null ? null : $"{unit}, ")}a whole number from {least} to {most}."));
        return least;
    }

    /// <summary>true or false, in any case; false when it is not given.</summary>
    /// <param name="name">The parameter.</param>
    public bool Flag(string name)
    {
        var isSet = false;
        if (Text(name) is { } text && !bool.TryParse(text, out isSet))
        {
            Refuse(name, "must be true or false.");
        }

        return isSet;
    }

    /// <summary>One of some words.</summary>
    /// <typeparam name="T">What the words stand for.</typeparam>
    /// <param name="name">The parameter.</param>
    /// <param name="byDefault">What it is when it is not given.</param>
    /// <param name="choices">The words and what they stand for.</param>
    public T Choice<T>(string name, T byDefault, params (string Word, T Value)[] choices)
    {
        ArgumentNullException.ThrowIfNull(choices);
        var text = Text(name);
        foreach (var (word, value) in choices)
        {
            if (word == text)
            {
                return value;
            }
        }

        if (text is not null)
        {
            Refuse(name, $"must be {string.Join(", ", choices[..^1].Select(choice => choice.Word))} or {choices[^1].Word}.");
        }

        return byDefault;
    }

    /// <summary>An id; null when it is not given.</summary>
    /// <param name="name">The parameter.</param>
    public Guid? QueryId(string name) => Text(name) is { } text ? Id(name, text) : null;

    /// <summary>An id of the path or the body.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="text">What was given.</param>
    public Guid Id(string name, string text)
    {
        if (!Guid.TryParseExact(text, "D", out var id))
        {
            Refuse(name, "must be a uuid, like 3f2b7c1e-5a4d-4e8f-9b0a-1c2d3e4f5a6b.");
        }

        return id;
    }

    /// <summary>The user who asks; null where nobody says. Where users are authenticated the token says, and must.</summary>
    public Guid? User()
    {
        var (user, error) = UserAuthentication.FindUser(_context);
        if (user is null && (error ?? (_context.RequestServices.AuthenticatesUsers() ? "The token has no sub claim." : null)) is { } problem)
        {
            Errors[UserAuthentication.UserParameter] = [problem];
        }

        return user;
    }

    /// <summary>The user who asks, who must be known.</summary>
    /// <param name="missing">What to say where nobody says.</param>
    public Guid RequiredUser(string missing = "is required: the uuid of the user who asks.")
    {
        if (User() is { } user)
        {
            return user;
        }

        Refuse(UserAuthentication.UserParameter, missing);
        return default;
    }
}
