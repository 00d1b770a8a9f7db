using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using WhiteCross.Jobs.Dapr.Delivering;
using WhiteCross.Jobs.Dapr.Hosting;

namespace WhiteCross.Jobs.Dapr;

/// <summary>
/// What services offer each other, by Dapr's service invocation, and nobody else: endpoints under <c>/internal</c>. The gateway does not pass them on.
/// Only the service's own sidecar gets in, known by <c>APP_API_TOKEN</c>, or without one by its place on this machine; whom the sidecar lets in, its Configuration's access control says.
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

    /// <summary>A group of endpoints under <c>/internal</c>; 401 to others than the service's sidecar. What they refuse is an answer to other services'
    /// sidecars too; see <see cref="ServiceAnswers"/>.</summary>
    /// <param name="app">The app.</param>
    public static RouteGroupBuilder MapInternal(this IEndpointRouteBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var token = app.ServiceProvider.GetRequiredService<SidecarToken>();
        return app.MapGroup("/internal").AllowAnonymous().ExcludeFromDescription().ForSidecarOnly(token, ServiceAnswers.CrossAsAnswers);
    }
}
