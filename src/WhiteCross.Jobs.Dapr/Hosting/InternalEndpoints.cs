using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using WhiteCross.Jobs.Dapr.Delivering;

namespace WhiteCross.Jobs.Dapr;

/// <summary>
/// What services offer each other, by Dapr's service invocation, and nobody else: endpoints under <c>/internal</c>. The gateway does not pass them on.
/// With <c>APP_API_TOKEN</c> set, only the service's own sidecar gets in; whom the sidecar lets in, its Configuration's access control says.
/// </summary>
public static class InternalEndpoints
{
    /// <summary>Adds what <see cref="MapInternal"/> needs.</summary>
    /// <param name="services">The services.</param>
    public static IServiceCollection AddInternalEndpoints(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton<SidecarToken>();
        return services;
    }

    /// <summary>A group of endpoints under <c>/internal</c>; 401 without the sidecar's token where one is set.</summary>
    /// <param name="app">The app.</param>
    public static RouteGroupBuilder MapInternal(this IEndpointRouteBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var token = app.ServiceProvider.GetRequiredService<SidecarToken>();
        var group = app.MapGroup("/internal").AllowAnonymous().ExcludeFromDescription();
        ((IEndpointConventionBuilder)group).Finally(endpoint =>
        {
            // Around the whole endpoint: a filter would come after its body has been read and judged, which is nobody's business without the token.
            var handle = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = context => token.IsOn(context.Request) ? handle(context) : TypedResults.Problem(
                "This is for the service's own sidecar: call it by Dapr's service invocation.", statusCode: StatusCodes.Status401Unauthorized).ExecuteAsync(context);
        });
        return group;
    }
}
