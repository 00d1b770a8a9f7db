using WhiteCross.MessageNotification;
using WhiteCross.ServiceDefaults;

await MessageNotificationApp.Create(args).RunOrMigrateAsync(args);
