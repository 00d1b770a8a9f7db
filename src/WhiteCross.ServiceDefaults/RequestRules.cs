using Microsoft.AspNetCore.Builder;

namespace WhiteCross.ServiceDefaults;

/// <summary>
/// What an endpoint reads of a request. What it does not read is refused by <see cref="StrictRequests"/>, so an endpoint that reads something without its
/// handler's signature saying so says it with these.
/// </summary>
public static class RequestRules
{
    /// <summary>Says that the endpoints read these query parameters.</summary>
    /// <typeparam name="TBuilder">The endpoints' type.</typeparam>
    /// <param name="endpoints">The endpoints.</param>
    /// <param name="names">The parameters' names.</param>
    public static TBuilder ReadsQuery<TBuilder>(this TBuilder endpoints, params IReadOnlyList<string> names)
        where TBuilder : IEndpointConventionBuilder =>
        endpoints.WithMetadata([.. names.Select(name => new ReadQueryParameter(name))]);

    /// <summary>Says that the endpoints read the request's body.</summary>
    /// <typeparam name="TBuilder">The endpoints' type.</typeparam>
    /// <param name="endpoints">The endpoints.</param>
    public static TBuilder ReadsBody<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder => endpoints.WithMetadata(new ReadBody());

    /// <summary>
    /// Says that the endpoints put what is wrong with the query (<see cref="StrictRequests.TakeQueryErrors"/>) together with what they find wrong themselves,
    /// so that the caller hears of all at once.
    /// </summary>
    /// <typeparam name="TBuilder">The endpoints' type.</typeparam>
    /// <param name="endpoints">The endpoints.</param>
    public static TBuilder GathersErrors<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder => endpoints.WithMetadata(new GatheredErrors());

    /// <summary>
    /// Says that the endpoints take any request: pages, whose scripts read the address; probes and scrapers; what is passed on to another service, which
    /// judges it itself; the sidecar's deliveries.
    /// </summary>
    /// <typeparam name="TBuilder">The endpoints' type.</typeparam>
    /// <param name="endpoints">The endpoints.</param>
    public static TBuilder TakesAnyRequest<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder => endpoints.WithMetadata(new AnyRequest());
}

/// <summary>A query parameter that an endpoint reads.</summary>
/// <param name="Name">Its name.</param>
public sealed record ReadQueryParameter(string Name);

/// <summary>An endpoint reads the body.</summary>
public sealed record ReadBody;

/// <summary>An endpoint takes any request.</summary>
public sealed record AnyRequest;

/// <summary>An endpoint tells of all errors of a request at once.</summary>
public sealed record GatheredErrors;
