using Microsoft.AspNetCore.Builder;

namespace WhiteCross.ServiceDefaults;

/// <summary>How the builder of a service is made.</summary>
public static class ServiceHost
{
    /// <summary>
    /// A builder as ASP.NET Core makes it, but for one thing: files of settings are read once, at the start, when they are checked. Watching them would watch all
    /// folders below the service's own, and a database that lies there wakes the watchers with every write: a third of a busy service's processor time.
    /// </summary>
    /// <param name="args">The command line; <c>--hostBuilder:reloadConfigOnChange=true</c> watches all the same.</param>
    public static WebApplicationBuilder CreateBuilder(string[] args) => WebApplication.CreateBuilder(["--hostBuilder:reloadConfigOnChange=false", .. args]);
}
