using System.CommandLine;
using WhiteCross.Local;

var redis = new Option<string?>("--redis")
{
    Description = "Run on this Redis, host:port (default: localhost:6379), so that jobs outlive the process. Left out: everything in memory.",
    Arity = ArgumentArity.ZeroOrOne,
};
var port = new Option<int>("--port") { Description = "The gateway's port; the services take those after it.", DefaultValueFactory = _ => 5080 };
var sidecarHttp = new Option<int>("--sidecar-http-port") { Description = "The HTTP port of the gateway's sidecar; the others take those after it.", DefaultValueFactory = _ => 3500 };
var sidecarGrpc = new Option<int>("--sidecar-grpc-port") { Description = "The gRPC port of the gateway's sidecar; the others take those after it.", DefaultValueFactory = _ => 50001 };
var data = new Option<string>("--data") { Description = "Where the services keep their databases and files.", DefaultValueFactory = _ => "data" };
var components = new Option<string?>("--components") { Description = "The folder of the Dapr resources. Default: 'components', here or above." };

var root = new RootCommand("The White Cross message queues: all services and their sidecars in one process.") { redis, port, sidecarHttp, sidecarGrpc, data, components };
root.SetAction(async (arguments, cancellationToken) =>
{
    var options = new LocalOptions
    {
        Redis = arguments.GetResult(redis) is { Implicit: false } ? arguments.GetValue(redis) ?? "localhost:6379" : null,
        Port = arguments.GetValue(port),
        SidecarHttpPort = arguments.GetValue(sidecarHttp),
        SidecarGrpcPort = arguments.GetValue(sidecarGrpc),
        DataDirectory = Path.GetFullPath(arguments.GetValue(data)!),
        ComponentsDirectory = arguments.GetValue(components),
    };
    try
    {
        await using var system = await LocalSystem.StartAsync(options, cancellationToken);
        await Console.Out.WriteLineAsync(Greeting.For(options, system));
        await system.WaitForShutdownAsync(cancellationToken);
        await Console.Out.WriteLineAsync("Stopping: what runs goes back to waiting …");
        return 0;
    }
    catch (LocalStartException exception)
    {
        await Console.Error.WriteLineAsync(exception.Message);
        return 1;
    }
    catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
    {
        return 0;
    }
});

return await root.Parse(args).InvokeAsync();
