using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.ServiceDefaults;

/// <summary>Whom an endpoint is for.</summary>
public enum DoorKind
{
    /// <summary>Everybody: probes and scrapers, which have neither keys nor tokens. Nothing behind such a door tells of anybody.</summary>
    Anybody,

    /// <summary>Readers of the API's description: everybody, once anything says who may use the service; this machine only until then.</summary>
    Readers,

    /// <summary>The service's own sidecar: by <c>APP_API_TOKEN</c>, or from this machine only where none is set. The endpoint itself looks at the token, and says
    /// so by <see cref="SidecarEndpoint"/>.</summary>
    Sidecar,

    /// <summary>Users, each for what is theirs: by token, or from this machine only until <c>Authentication</c> says how users are known.</summary>
    Users,

    /// <summary>Whoever shows a signature or a link that was made for it, such as a provider's callback: the endpoint itself looks at it.</summary>
    Proof,

    /// <summary>Those who operate the queues, by their role: by key or token, or from this machine only until <c>Access</c> says who they are.</summary>
    Operating,
}

/// <summary>
/// Whom an endpoint is for. Every endpoint of every service has a door; through one that has none nobody gets: what was forgotten is shut.
/// </summary>
/// <param name="Kind">Whom it is for.</param>
/// <param name="Role">The role that one needs at an operating door.</param>
/// <param name="IsElsewhere">Whether another service asks users who they are, to which this one passes their requests on.</param>
public sealed record Door(DoorKind Kind, string? Role = null, bool IsElsewhere = false)
{
    private static readonly Door OfSidecar = new(DoorKind.Sidecar);

    /// <summary>The door of an endpoint, or null where nothing says whom it is for. What is marked as <see cref="SidecarEndpoint"/> has the sidecar's.</summary>
    /// <param name="endpoint">The endpoint.</param>
    public static Door? Of(Endpoint endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        return endpoint.Metadata.GetMetadata<Door>() ?? (endpoint.Metadata.GetMetadata<SidecarEndpoint>() is null ? null : OfSidecar);
    }
}

/// <summary>An endpoint that publishers may use too, for the queues that they add to and the jobs that they have added. It sees to the jobs itself.</summary>
public sealed record PublishersToo;

/// <summary>An endpoint that the autoscaler's keys may use too: numbers, and nothing else.</summary>
public sealed record MetricsKeysToo;

/// <summary>An endpoint whose answer goes on: an event stream, a hub. So many of one caller at once, and none longer than its token holds.</summary>
public sealed record LongLived;

/// <summary>An endpoint that takes bodies which are no JSON.</summary>
public sealed record AnyContent;

/// <summary>Says whom endpoints are for.</summary>
public static class Doors
{
    /// <summary>For probes and scrapers.</summary>
    /// <typeparam name="TBuilder">The endpoints' type.</typeparam>
    /// <param name="endpoints">The endpoints.</param>
    public static TBuilder ForAnybody<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder => endpoints.WithDoor(new Door(DoorKind.Anybody)).AllowAnonymous();

    /// <summary>For readers of the API's description.</summary>
    /// <typeparam name="TBuilder">The endpoints' type.</typeparam>
    /// <param name="endpoints">The endpoints.</param>
    public static TBuilder ForReaders<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder => endpoints.WithDoor(new Door(DoorKind.Readers)).AllowAnonymous();

    /// <summary>For whoever shows a signature or a link; the endpoints look at it themselves, whatever content it comes as.</summary>
    /// <typeparam name="TBuilder">The endpoints' type.</typeparam>
    /// <param name="endpoints">The endpoints.</param>
    public static TBuilder ForSigned<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder => endpoints.WithDoor(new Door(DoorKind.Proof)).AllowAnonymous().TakesAnyContent();

    /// <summary>For users, where another service asks who they are: the gateway passes their requests on.</summary>
    /// <typeparam name="TBuilder">The endpoints' type.</typeparam>
    /// <param name="endpoints">The endpoints.</param>
    public static TBuilder ForUsersElsewhere<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder => endpoints.WithDoor(new Door(DoorKind.Users, IsElsewhere: true)).AllowAnonymous();

    /// <summary>For those who operate the queues, of this role or a higher one.</summary>
    /// <typeparam name="TBuilder">The endpoints' type.</typeparam>
    /// <param name="endpoints">The endpoints.</param>
    /// <param name="role">One of <see cref="AccessRoles"/>.</param>
    public static TBuilder ForRole<TBuilder>(this TBuilder endpoints, string role)
        where TBuilder : IEndpointConventionBuilder => endpoints.WithDoor(new Door(DoorKind.Operating, role)).RequireAuthorization(role);

    /// <summary>Says that publishers may use the endpoints too; the endpoints see to it that the jobs are theirs.</summary>
    /// <typeparam name="TBuilder">The endpoints' type.</typeparam>
    /// <param name="endpoints">The endpoints.</param>
    public static TBuilder ForPublishersToo<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder => endpoints.WithMetadata(new PublishersToo());

    /// <summary>Says that keys which read metrics and nothing else may use the endpoints too.</summary>
    /// <typeparam name="TBuilder">The endpoints' type.</typeparam>
    /// <param name="endpoints">The endpoints.</param>
    public static TBuilder ForMetricsKeysToo<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder => endpoints.WithMetadata(new MetricsKeysToo());

    /// <summary>Says that the endpoints' answers go on and on.</summary>
    /// <typeparam name="TBuilder">The endpoints' type.</typeparam>
    /// <param name="endpoints">The endpoints.</param>
    public static TBuilder StaysOpen<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder => endpoints.WithMetadata(new LongLived());

    /// <summary>Says that the endpoints take bodies which are no JSON, or leave it to another service to judge them.</summary>
    /// <typeparam name="TBuilder">The endpoints' type.</typeparam>
    /// <param name="endpoints">The endpoints.</param>
    public static TBuilder TakesAnyContent<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder => endpoints.WithMetadata(new AnyContent());

    internal static TBuilder WithDoor<TBuilder>(this TBuilder endpoints, Door door)
        where TBuilder : IEndpointConventionBuilder => endpoints.WithMetadata(door);
}
