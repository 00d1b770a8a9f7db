namespace WhiteCross.Gateway;

/// <summary>An answer of another service, as it came.</summary>
internal sealed class PassedOn(int status, byte[] body) : IResult, IStatusCodeHttpResult
{
    public int? StatusCode => status;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = status;
        httpContext.Response.ContentType = status < 400 ? "application/json; charset=utf-8" : "application/problem+json";
        httpContext.Response.ContentLength = body.Length;
        await httpContext.Response.Body.WriteAsync(body, httpContext.RequestAborted);
    }
}
