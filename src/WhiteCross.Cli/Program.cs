using WhiteCross.Cli;

return await WcApp.RunAsync(args, CliEnvironment.OfProcess(), CancellationToken.None);
