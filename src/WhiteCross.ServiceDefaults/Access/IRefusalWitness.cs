using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace WhiteCross.ServiceDefaults;

/// <summary>Is told of every request that was refused: for an audit log.</summary>
public interface IRefusalWitness
{
    /// <summary>A request was answered 401, 403 or 421.</summary>
    /// <param name="context">The request, with its answer's status.</param>
    void Refused(HttpContext context);
}

/// <summary>Calls the witness, where a service has one.</summary>
internal static class RefusalWitnessing
{
    public static void UseRefusalWitness(this WebApplication app)
    {
        if (app.Services.GetService<IRefusalWitness>() is not { } witness)
        {
            return;
        }

        app.Use(async (context, next) =>
        {
            await next(context);
            if (context.Response.StatusCode is StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden or StatusCodes.Status421MisdirectedRequest
                && context.GetEndpoint() is RouteEndpoint)
            {
                witness.Refused(context);
            }
        });
    }
}
